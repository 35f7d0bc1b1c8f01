-- What companies had decided before access control was told of it.
UPDATE company_tree t SET second_factor = true
  FROM company_settings s
 WHERE s.tenant_id = t.tenant_id AND s.company_id = t.id AND s.require_two_factor;
